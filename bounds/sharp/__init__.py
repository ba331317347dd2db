"""The statements derived here: explicit constants, sharper than the paper's."""
