"""A year in Westhagen, invented from the first name to the last cent."""
