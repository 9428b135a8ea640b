"""What is answered and handed out, put together from the warehouse: balance, status, workbook, report."""
