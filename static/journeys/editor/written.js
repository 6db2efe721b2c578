/* In the frame of the builder: hands the rule that was written to the editor around it. */

window.parent.postMessage(JSON.parse(document.getElementById("written").textContent), window.location.origin);
