// GOV.UK Frontend's styles come component by component. What no page of ours has of them is left
// out: every rule for a class that begins as one of `unused` does.

function parts (text, ends) {
  const found = []
  let depth = 0
  let start = 0
  for (let at = 0; at < text.length; at++) {
    if ('{(['.includes(text[at])) depth++
    if ('})]'.includes(text[at])) depth--
    if (depth || !ends.includes(text[at])) continue
    found.push(text.slice(start, at + 1))
    start = at + 1
  }
  return [...found, text.slice(start)].filter(Boolean)
}

export function slim (css, unused) {
  const gone = (selector) =>
    [...selector.replace(/:not\([^()]*\)/g, '').matchAll(/\.([\w-]+)/g)]
      .some(([, name]) => unused.some((beginning) => name.startsWith(beginning)))
  return parts(css, '};').map((rule) => {
    const open = rule.indexOf('{')
    if (open < 0) return rule
    const [head, body] = [rule.slice(0, open), rule.slice(open + 1, -1)]
    if (/^@(media|supports)/.test(head)) {
      const inner = slim(body, unused)
      return inner && `${head}{${inner}}`
    }
    const kept = parts(head, ',').map((one) => one.replace(/,$/, '')).filter((one) => !gone(one))
    return kept.length ? `${kept.join(',')}{${body}}` : ''
  }).join('')
}
