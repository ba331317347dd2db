"""Steps that are wrong in one way or two, each written from a defect's description, and steps that are right.

Nothing here is imported by the detector, and nothing of it imports the detector's forms.
"""
