"""The simulated district: invented people, their cases and the exports of four systems; imports nothing of the hub."""
