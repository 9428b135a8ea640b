"""The ways to bytes that do not come by themselves: SFTP, WebDAV, SQL views. What the bytes mean is read elsewhere."""
