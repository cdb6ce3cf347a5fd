// Keeps an open queue up to date: the doorbell says that something changed, the list is fetched
// with the session of the page, and morphed, so that focus and place stay where they are.

import { Idiomorph } from 'idiomorph'

import { setTime, tick } from './clocks.js'
import { listen } from './doorbell.js'

const SETTLE = 700
const POLL = 60_000
const AGAIN = 5_000
const ANNOUNCE_EVERY = 15_000

export function startLive (region) {
  const bar = document.querySelector('[data-live-bar]')
  const state = bar.querySelector('[data-live-state]')
  const updated = bar.querySelector('[data-live-updated]')
  const button = bar.querySelector('[data-live-pause]')
  const announcer = document.querySelector('[data-live-announcer]')
  let paused = false
  let waiting = false
  let timer = null
  let fetching = false
  let heard = region.dataset.revision
  let seen = rows()
  let news = { arrived: 0, red: 0, overdue: 0 }
  let announced = 0
  const alarm = document.querySelector('[data-live-red]')
  const alarmed = []

  button.hidden = false
  show('live')

  function rows () {
    return new Map(
      [...region.querySelectorAll('[data-row]')].map((row) => [row.id, row.dataset])
    )
  }

  function show (now) {
    bar.dataset.state = now
    state.textContent = { live: 'Live', paused: 'Paused', lost: 'Reconnecting…' }[now]
  }

  function soon () {
    if (paused || document.hidden) {
      waiting = true
      if (paused) state.textContent = 'Paused, changes waiting'
      return
    }
    timer ||= setTimeout(refresh, SETTLE + Math.random() * SETTLE / 2)
  }

  // Somebody may pause after a change was heard of, or while it is on its way: it waits for them.
  async function refresh () {
    timer = null
    if (fetching || paused) return soon()
    fetching = true
    waiting = false
    try {
      const answer = await fetch(region.dataset.live, { headers: { Accept: 'text/html' } })
      if (answer.status === 401) return location.reload()
      if (!answer.ok) throw new Error(`status ${answer.status}`)
      const fragment = await answer.text()
      if (paused) soon()
      else swap(fragment)
    } catch {
      waiting = true
      if (!paused) show('lost')
      timer ||= setTimeout(refresh, AGAIN)
    } finally {
      fetching = false
    }
  }

  function swap (fragment) {
    const focused = document.activeElement?.closest('[data-row]')
    const place = focused ? [...region.querySelectorAll('[data-row]')].indexOf(focused) : -1
    // The numbers in the names of the lists stand outside of the region.
    const came = document.createElement('template')
    came.innerHTML = fragment
    for (const part of came.content.querySelectorAll('[data-live-part]')) {
      Idiomorph.morph(document.getElementById(part.id), part.outerHTML)
      part.remove()
    }
    Idiomorph.morph(region, came.innerHTML, { morphStyle: 'innerHTML' })
    const fresh = region.querySelector('[data-revised]')
    heard = fresh.dataset.revised
    updated.textContent = fresh.dataset.at
    setTime(fresh.dataset.now)
    tick(region)
    if (place >= 0 && !document.activeElement?.closest('[data-row]')) keepPlace(place)
    show('live')
    notice()
  }

  // The row that had the focus has left the list: the next one takes it.
  function keepPlace (place) {
    const left = region.querySelectorAll('[data-row] a')
    const next = left[Math.min(place, left.length - 1)] || document.querySelector('h1')
    if (next.tagName === 'H1') next.tabIndex = -1
    next.focus({ preventScroll: true })
  }

  function notice () {
    const fresh = rows()
    for (const [id, row] of fresh) {
      const before = seen.get(id)
      if (!before) {
        news.arrived += 1
        if (row.rag === 'red') {
          news.red += 1
          alarmed.push(id)
        }
        document.getElementById(id).classList.add('fd-row--new')
      }
      if (row.overdue === 'yes' && before?.overdue === 'no') news.overdue += 1
    }
    seen = fresh
    warn()
    announce()
  }

  // A Red that came while somebody looked elsewhere on the page stays in view until it is seen.
  function warn () {
    const there = alarmed.filter((id) => document.getElementById(id))
    alarm.hidden = !there.length
    if (!there.length) return
    const link = alarm.querySelector('[data-live-red-link]')
    link.textContent = there.length === 1 ? 'A new Red has come' : `${there.length} new Reds have come`
    link.href = `#${there[0]}`
  }

  alarm.querySelector('[data-live-red-link]').addEventListener('click', (event) => {
    event.preventDefault()
    const row = alarmed.map((id) => document.getElementById(id)).find(Boolean)
    row?.querySelector('a').focus()
    forget()
  })
  alarm.querySelector('[data-live-red-seen]').addEventListener('click', () => {
    forget()
    const heading = document.querySelector('h1')
    heading.tabIndex = -1
    heading.focus({ preventScroll: true })
  })

  function forget () {
    alarmed.length = 0
    alarm.hidden = true
  }

  // The arrow keys go from row to row, while a row has the focus.
  region.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const row = event.target.closest('[data-row]')
    if (!step || !row || event.altKey || event.ctrlKey || event.metaKey) return
    const links = [...region.querySelectorAll('[data-row] th a')]
    const next = links[links.indexOf(row.querySelector('th a')) + step]
    if (!next) return
    event.preventDefault()
    next.focus()
  })

  function announce () {
    if (!news.arrived && !news.overdue) return
    const rest = announced + ANNOUNCE_EVERY - Date.now()
    // A Red is never kept waiting.
    if (rest > 0 && !news.red) return setTimeout(announce, rest)
    announced = Date.now()
    const parts = []
    if (news.arrived) {
      const red = news.red ? `, ${news.red} Red` : ''
      parts.push(`${news.arrived} new ${news.arrived === 1 ? 'referral' : 'referrals'}${red}`)
    }
    if (news.overdue) parts.push(`${news.overdue} now overdue`)
    announcer.textContent = parts.join(', ')
    news = { arrived: 0, red: 0, overdue: 0 }
  }

  button.addEventListener('click', () => {
    paused = !paused
    button.textContent = paused ? 'Resume updates' : 'Pause updates'
    show(paused ? 'paused' : 'live')
    if (!paused && waiting) soon()
  })
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && waiting && !paused) soon()
  })
  document.addEventListener('overdue', soon)
  setInterval(soon, POLL)

  listen(region.dataset.events, {
    rung: (number) => { if (number !== heard) soon() },
    connected: () => {
      if (waiting) soon()
      else if (!paused) show('live')
    },
    lost: () => {
      if (paused) return
      show('lost')
      soon()
    }
  })
}
