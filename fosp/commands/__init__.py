"""One module a command: ``add_arguments(parser)``, and ``run(args) -> exit code`` with the heavy imports."""
