"""Pure planning: from what the user wrote to a whole plan, without engine, clouds or clocks."""
