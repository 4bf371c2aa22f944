"""One module per command; its function of the same name, with typed arguments as typer reads them."""
