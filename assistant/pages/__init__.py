"""The pages: Gradio Blocks, one builder a page, each with small handlers that call a service and show its result.

No business rule lives here, and nothing that the browser sends but new text and ids is believed: the person is
read from the request, rights from the records, in every handler. Document text reaches a page only through
`markup`, which escapes it.
"""
