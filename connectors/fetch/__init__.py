"""Transports that fetch deliveries: local folders, SFTP, WebDAV and SQL views."""
