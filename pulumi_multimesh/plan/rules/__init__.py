"""Rules of a configuration's values, a module for each subject; each yields its faults and raises nothing."""
