// Builds the services beforehand, for where a start cannot: in an image nothing can be written.
import { built } from './built.mjs'

await built()
