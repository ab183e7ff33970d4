"""Named checks of what is declared and of what runs, with ids that stay."""
