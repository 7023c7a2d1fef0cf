// The page begins here.

import { on, remembered } from "./store.js";
import { listenAs } from "./wire.js";
import { startComposer } from "./panels/composer.js";
import { startControls } from "./panels/controls.js";
import { startConversation } from "./panels/conversation.js";
import { startModal } from "./panels/modal.js";
import { startSidebar } from "./panels/sidebar.js";
import { startTheme } from "./panels/theme.js";
import { startThread } from "./panels/thread.js";

const FIRST = "U0MANAGER";

startTheme();
startControls();
startSidebar();
startConversation();
startComposer();
startThread();
startModal();

const gone = document.getElementById("gone");
on("line", (isUp) => {
  gone.hidden = isUp;
  gone.textContent = isUp ? "" : "The demo has stopped or can't be reached. Start it again with “make demo”, and this page reconnects.";
});
on("everything", () => document.body.classList.add("ready"));

listenAs(remembered("me") ?? FIRST);
