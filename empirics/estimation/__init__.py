"""Constants of real models: estimated over a region, from below; and where a model is now."""
