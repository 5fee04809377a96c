"""Reports: the results of scoring as tables, Markdown, CSV, JSON, and a page with plots.

`tables` has the rows for terminal, Markdown and CSV, `report_file` reads and writes JSON, `page.render_page` makes the
HTML page from `page.html`, `page.css` and `page.js`. One more figure is one `Column` in `columns`; one more plot is one
function listed in `system_plots.plots_of`.
"""
