// What GOV.UK Frontend says to a developer whose page it does not fit, in short.

class Unfit extends Error {
  constructor (said) {
    super(said?.identifier ?? said?.moduleName ?? said)
  }
}

export {
  Unfit as ConfigError,
  Unfit as ElementError,
  Unfit as InitError,
  Unfit as SupportError
}
