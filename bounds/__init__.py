"""The theory: constants, statements, recommendations."""
