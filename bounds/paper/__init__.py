"""The paper's statements as they were recorded, one file per algorithm."""
