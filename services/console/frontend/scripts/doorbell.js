// Hears from the server that something changed. Closed while the tab is hidden: browsers open few
// connections to one host over HTTP/1.1, and every open tab would hold one.

const AGAIN = 5_000

export function listen (url, { rung, connected, lost }) {
  let source = null

  function open () {
    if (source || document.hidden) return
    source = new EventSource(url)
    source.onopen = connected
    source.onerror = () => {
      lost()
      // A refusal (an ended session, a server that is starting) ends the source for good.
      if (source?.readyState === EventSource.CLOSED) {
        source = null
        setTimeout(open, AGAIN)
      }
    }
    source.onmessage = (message) => rung(message.data)
  }

  function close () {
    source?.close()
    source = null
  }

  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))
  window.addEventListener('pagehide', close)
  window.addEventListener('pageshow', open)
  open()
}
