"""Files below the data folder: where each is, and how one is written in one step."""
