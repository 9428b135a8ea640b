"""The funding of the district: target group, distribution of the money, staff and evidence."""
