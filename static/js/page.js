/* Starts what every page has: toasts, dialogs, hotkeys, search fields. Loaded as a module; each part stands alone. */

import "./dialogs.js";
import "./hotkeys.js";
import "./search.js";
import "./toasts.js";
