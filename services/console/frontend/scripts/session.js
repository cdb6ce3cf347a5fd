// Warns before a session ends, and lets the person stay. What a page does by itself does not keep a
// session alive, so an open queue alone would end unnoticed. Without JavaScript nothing is lost
// either: a form sent too late goes through sign-in with what was typed in it.

import { now, setTime } from './clocks.js'

const BEFORE = 5 * 60_000
const LOOK_EVERY = 15_000

export function watchSession (notice) {
  const words = notice.querySelector('[data-session-words]')
  const stay = notice.querySelector('[data-session-stay]')
  let ends = Date.parse(notice.dataset.session)
  let last = false
  setTime(notice.dataset.now)

  function look () {
    const left = ends - now()
    const minutes = Math.ceil(left / 60_000)
    notice.hidden = left > BEFORE
    if (notice.hidden) return
    const when = minutes > 1 ? `in ${minutes} minutes` : minutes === 1 ? 'in a minute' : 'now'
    const said = left > 0
      ? `Your session ends ${when}.${last ? ' It cannot be made longer: send or note what you have typed.' : ''}`
      : 'Your session has ended. What you typed is kept when you send it and sign in again.'
    if (words.textContent !== said) words.textContent = said
    stay.hidden = left <= 0 || last
  }

  stay.addEventListener('click', async () => {
    try {
      const answer = await fetch('/session/stay', { method: 'POST', headers: { 'X-Form-Key': notice.dataset.key } })
      if (!answer.ok) throw new Error(`status ${answer.status}`)
      const until = Date.parse(await answer.text())
      last = until <= ends + 1000
      ends = until
    } catch {
      words.textContent = 'The session could not be kept. Try again.'
      return
    }
    look()
    const heading = document.querySelector('h1')
    heading.tabIndex = -1
    heading.focus({ preventScroll: true })
  })

  setInterval(look, LOOK_EVERY)
  look()
}
