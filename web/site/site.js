// A box that scrolls sideways on a narrow screen can be focused, and so scrolls by keyboard, too.
async function focusBoxesThatScroll() {
  await window.MathJax?.startup?.promise;
  for (const box of document.querySelectorAll("pre, .scrolls, .table-wrapper, .math-wrapper")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
}
addEventListener("load", focusBoxesThatScroll);
addEventListener("resize", focusBoxesThatScroll);
