"""The catalogue of finding rules: what each means, who corrects it and how."""
