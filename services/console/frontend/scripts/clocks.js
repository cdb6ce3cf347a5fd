// Counts due times down in the words that the server uses (services/console/times.py). The
// machine's own clock may be wrong: what counts is how long ago the page said what time it was.

const MINUTE = 60_000
const EVERY = 30_000

let offset = 0

export function setTime (stated) {
  if (stated) offset = Date.parse(stated) - Date.now()
}

export function now () {
  return Date.now() + offset
}

function span (length) {
  const minutes = Math.floor(length / MINUTE)
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) {
    const rest = hours % 24
    return `${Math.floor(hours / 24)} days` + (rest ? ` ${rest}h` : '')
  }
  return hours ? `${hours}h ${minutes % 60}m` : `${minutes}m`
}

// True when a due time passed since the last look.
export function tick (root = document) {
  let passed = false
  for (const time of root.querySelectorAll('time[data-due]')) {
    const left = Date.parse(time.dateTime) - now()
    const words = left <= 0 ? `Overdue ${span(-left)}` : `${span(left)} left`
    const pressure = left <= 0 ? 'overdue' : left < 60 * MINUTE ? 'soon' : 'later'
    if (time.textContent !== words) time.textContent = words
    const due = time.closest('[data-pressure]')
    if (due && due.dataset.pressure !== pressure) {
      passed ||= pressure === 'overdue'
      due.dataset.pressure = pressure
    }
  }
  return passed
}

export function startClocks () {
  setTime(document.documentElement.dataset.now)
  tick()
  setInterval(() => {
    if (!document.hidden && tick()) document.dispatchEvent(new CustomEvent('overdue'))
  }, EVERY)
}
