/** Names of routes, pools and endpoints: made of those of the source, in the spelling of `gateway.yaml`, and each given once. */

const LENGTH_MAX = 63

export class Names {
  readonly #given = new Set<string>()

  /** The first of these that is free, else the last with a number. */
  give(...wanted: readonly [string, ...string[]]): string {
    const spelt = wanted.map(spell)
    let name = spelt.find((one) => !this.#given.has(one))
    const last = spelt.at(-1) ?? ''
    for (let number = 2; name === undefined; number += 1) {
      const numbered = `${last.slice(0, LENGTH_MAX - String(number).length - 1)}-${number}`
      if (!this.#given.has(numbered)) name = numbered
    }
    this.#given.add(name)
    return name
  }
}

function spell(text: string): string {
  const spelt = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, LENGTH_MAX)
    .replace(/^-+|-+$/g, '')
  return spelt === '' ? 'unnamed' : spelt
}
