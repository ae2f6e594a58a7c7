// Entry of the broker's thread; loads TypeScript as launch.mjs does.
const { register } = await import('tsx/esm/api')
register()
await import('./broker-worker.ts')
