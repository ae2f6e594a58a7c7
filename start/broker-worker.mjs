// Entry of the broker's thread; loads it as launch.mjs does the rest.
import { load } from './load.mjs'

await load('broker-worker')
