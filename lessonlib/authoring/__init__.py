"""How is the workbook kept in order? Commands for authors; no lesson imports them."""
