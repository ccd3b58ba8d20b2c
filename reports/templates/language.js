"use strict";
(function () {
  var root = document.documentElement;
  var holder = document.getElementById("language");
  var KEY = "township-index-language";

  function remembered() {
    var asked = /[?&]lang=(en|my)\b/.exec(location.search);
    if (asked) { return asked[1]; }
    try { return localStorage.getItem(KEY) === "my" ? "my" : "en"; } catch (error) { return "en"; }
  }
  // Words that many pages share stand once in the style sheet; without it an element stays as it is, in English.
  function lend() {
    var bare = document.querySelectorAll('[data-my=""],[data-my-aria-label=""]');
    if (!bare.length) { return; }
    var words = JSON.parse(getComputedStyle(root).getPropertyValue("--words") || "{}");
    bare.forEach(function (element) {
      ["", "-aria-label"].forEach(function (name) {
        if (element.getAttribute("data-my" + name) !== "") { return; }
        var english = name ? element.getAttribute("aria-label") : element.textContent;
        element.setAttribute("data-my" + name, Object.hasOwn(words, english) ? words[english] : english);
      });
    });
  }
  function swap(element, get, set, other) {
    var kept = element.getAttribute(other);
    element.setAttribute(other, get());
    set(kept);
  }
  // The page is written in English; each switch exchanges what it shows with what it keeps.
  function exchange() {
    document.querySelectorAll("[data-my]").forEach(function (element) {
      swap(element, function () { return element.textContent; }, function (text) { element.textContent = text; }, "data-my");
    });
    ["aria-label", "placeholder", "title"].forEach(function (name) {
      document.querySelectorAll("[data-my-" + name + "]").forEach(function (element) {
        swap(element, function () { return element.getAttribute(name); },
          function (text) { element.setAttribute(name, text); }, "data-my-" + name);
      });
    });
  }
  function show(language) {
    if (root.lang !== language) { lend(); exchange(); root.lang = language; }
    holder.querySelectorAll("button").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.getAttribute("data-language") === language));
    });
    document.dispatchEvent(new CustomEvent("language", { detail: language }));
  }
  // A link carries the language with it: pages opened from a disk do not always share a memory.
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a[href]") : null;
    var target = link && link.getAttribute("href");
    if (!target || !/^[^:]*\.html/.test(target)) { return; }
    var query = new URLSearchParams(link.search);
    query.delete("lang");
    if (root.lang === "my") { query.set("lang", "my"); }
    link.search = query.toString();
  });
  holder.querySelectorAll("button").forEach(function (button) {
    button.addEventListener("click", function () {
      var language = button.getAttribute("data-language");
      try { localStorage.setItem(KEY, language); } catch (error) { /* the link carries it */ }
      show(language);
    });
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
  holder.hidden = false;
  show(remembered());
  unfold();
})();
