// GOV.UK Frontend's parts can speak other languages and count in them. Ours speak the one that they
// were written in.

export class I18n {
  constructor (texts) {
    this.texts = texts
  }

  t (name) {
    return this.texts[name]
  }
}
