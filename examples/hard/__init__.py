"""Hard districts: invented persons whom several systems know under other spellings and dates."""
