import { render } from 'preact';
import { App } from './app';
import { startTheme } from './ui/theme';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';

startTheme();
const root = document.getElementById('app');
if (root) render(<App />, root);
