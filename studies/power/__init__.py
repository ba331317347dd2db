"""The validator, measured: how often it cries wolf, and how much it catches."""
