/** What the project stands on: exact versions, one copy of what must not differ between two parts of a run, every platform. */

/** Packages of which two copies in one tree would mean that tests and deployments run different code. */
const ONCE = ['workerd', 'miniflare', 'wrangler', 'vitest', 'typescript', 'hono', 'jose']

interface LockedPackage {
  readonly version: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Versions in package.json that are a range: a clone of next month would get another tree. */
export function checkPinned(packageJson: Readonly<Record<string, Readonly<Record<string, string>> | undefined>>): string[] {
  return ['dependencies', 'devDependencies']
    .flatMap((kind) => Object.entries(packageJson[kind] ?? {}))
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name} ${version} is not an exact version`)
}

export function checkLockfile(text: string): string[] {
  const { packages } = JSON.parse(text) as { packages: Record<string, LockedPackage> }
  return [...twice(packages), ...missing(packages)]
}

function twice(packages: Readonly<Record<string, LockedPackage>>): string[] {
  return ONCE.flatMap((name) => {
    const copies = Object.keys(packages).filter((path) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
    return copies.length > 1 ? [`${name} is there ${copies.length} times: ${copies.join(', ')}`] : []
  })
}

/** Binaries of other platforms that the lockfile lacks: a registry that does not carry them drops them, and `npm ci` then refuses the file. */
function missing(packages: Readonly<Record<string, LockedPackage>>): string[] {
  const names = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)))
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !names.has(name))
      .map((name) => `${name}, which ${path} may need, is not in the lockfile`),
  )
}
