"""Results to text. Renderers make words; they compute nothing that another format lacks."""
