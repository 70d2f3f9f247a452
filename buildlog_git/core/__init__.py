"""The pure core: values in, values out; no files, processes, clock, randomness or environment."""
