// Says that an open referral has changed. Never refreshes it under somebody who is writing.

import { listen } from './doorbell.js'

export function watchReferral (watched) {
  const notice = document.querySelector('[data-changed]')
  let asking = false

  async function ask () {
    if (asking || !notice.hidden) return
    asking = true
    try {
      const answer = await fetch(watched.dataset.watch)
      if (answer.ok) notice.hidden = (await answer.text()) === watched.dataset.number
    } finally {
      asking = false
    }
  }

  listen(watched.dataset.events, { rung: ask, connected: () => {}, lost: () => {} })
}
