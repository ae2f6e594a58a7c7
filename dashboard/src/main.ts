import './style/base.css'
import { mount } from 'svelte'
import { z } from 'zod'
import { installFonts } from './fonts.ts'
import App from './view/App.svelte'

// schemas are compiled with `new Function` otherwise, which a strict content security policy forbids
z.config({ jitless: true })
installFonts()

const target = document.getElementById('app')
if (target) mount(App, { target })
