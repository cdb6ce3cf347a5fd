// A decision names one action or more. Without JavaScript all rows are there; with it the empty
// ones wait behind a button.

export function revealActions (list) {
  const rows = [...list.querySelectorAll('[data-action]')]
  const button = list.querySelector('[data-add-action]')
  const spare = rows.slice(1).filter((row) =>
    [...row.querySelectorAll('input, textarea')].every((field) => !field.value)
  )
  if (!spare.length) return
  for (const row of spare) row.hidden = true
  button.hidden = false
  button.addEventListener('click', () => {
    const next = spare.shift()
    next.hidden = false
    next.querySelector('input, textarea').focus()
    button.hidden = !spare.length
  })
}
