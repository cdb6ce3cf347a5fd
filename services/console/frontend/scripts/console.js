import {
  Button,
  ErrorSummary,
  ExitThisPage,
  PasswordInput,
  ServiceNavigation,
  SkipLink
} from 'govuk-frontend'

import { revealActions } from './actions.js'
import { startClocks } from './clocks.js'
import { startLive } from './live.js'
import { watchReferral } from './referral.js'
import { watchSession } from './session.js'

// What was just done is what a screen reader says first; a page that opens at a place stays there.
if (!location.hash) document.querySelector('[data-done]')?.focus()

for (const Part of [Button, ErrorSummary, ExitThisPage, PasswordInput, ServiceNavigation, SkipLink]) {
  for (const root of document.querySelectorAll(`[data-module="${Part.moduleName}"]`)) {
    try {
      new Part(root)
    } catch (fault) {
      // The page works without it; the rest of this file should too.
      console.error(fault)
    }
  }
}

startClocks()

const live = document.querySelector('[data-live]')
if (live) startLive(live)

const watched = document.querySelector('[data-watch]')
if (watched) watchReferral(watched)

for (const list of document.querySelectorAll('[data-actions]')) revealActions(list)

const look = document.querySelector('[data-instead]')
look?.addEventListener('submit', (event) => {
  if (event.submitter?.value === 'record') history.replaceState(null, '', look.dataset.instead)
})

const session = document.querySelector('[data-session]')
if (session) watchSession(session)

// From a referral one comes back to the list as it was: the same filters, the same page of it.
if (live) sessionStorage.setItem('queue', location.pathname + location.search)
const back = document.querySelector('[data-back][href="/queue"]')
if (back) back.href = sessionStorage.getItem('queue') || back.href
