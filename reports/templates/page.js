"use strict";
(function () {
  var root = document.documentElement;
  // The other language is another page; what of this one is shown (filters, order, map, place) stays in its address.
  document.querySelectorAll("#language a").forEach(function (link) {
    function carry() {
      var query = new URLSearchParams(location.search);
      query.delete("lang");
      link.search = query.toString();
      link.hash = location.hash;
    }
    link.addEventListener("click", carry);
    // Addresses of one page for both languages named it so: index.html?lang=my
    if (new URLSearchParams(location.search).get("lang") === link.lang && link.lang !== root.lang) {
      carry();
      location.replace(link.href);
    }
  });
  // A box that scrolls sideways must be reachable by keyboard; one with links or buttons in it is already.
  document.querySelectorAll(".scroll").forEach(function (box) {
    if (!box.querySelector("a[href], button, input, select")) { box.tabIndex = 0; }
  });
  // A link into a fold opens it, and so does one to the section that a fold is the matter of (data-of).
  function unfold() {
    var target = document.getElementById(location.hash.slice(1));
    if (!target) { return; }
    var folds = Array.from(document.querySelectorAll("details:not([open])")).filter(function (fold) {
      return fold.contains(target) || fold.getAttribute("data-of") === target.id;
    });
    folds.forEach(function (fold) { fold.open = true; });
    if (folds.length) { target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", unfold);
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a[href]") : null;
    if (link && link.getAttribute("href") === location.hash && location.hash) { unfold(); }
  });
  unfold();
})();
