"""One object, four renderings: LaTeX, MathML, JavaScript and Unicode; one module each."""
