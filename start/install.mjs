// Installs what the lockfile names and the folder of packages lacks, as a start does: a check of new sources needs new packages.
import { prepare } from './prepare.mjs'

prepare({ dashboard: false })
