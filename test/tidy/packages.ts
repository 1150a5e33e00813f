/** What the project stands on: exact versions, and one copy of what must not differ between two parts of a run. */

/** Packages of which two copies in one tree would mean that tests and deployments run different code. */
const ONCE = ['workerd', 'miniflare', 'wrangler', 'vitest', 'typescript', 'hono', 'jose']

/** Versions in package.json that are a range: a clone of next month would get another tree. */
export function checkPinned(packageJson: Readonly<Record<string, Readonly<Record<string, string>> | undefined>>): string[] {
  return ['dependencies', 'devDependencies']
    .flatMap((kind) => Object.entries(packageJson[kind] ?? {}))
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name} ${version} is not an exact version`)
}

export function checkLockfile(text: string): string[] {
  const { packages } = JSON.parse(text) as { packages: Record<string, { version: string }> }
  return ONCE.flatMap((name) => {
    const copies = Object.keys(packages).filter((path) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
    return copies.length > 1 ? [`${name} is there ${copies.length} times: ${copies.join(', ')}`] : []
  })
}
