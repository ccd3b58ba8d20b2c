// Finds a township by its name in either script or its P-code, and a state or region by its name; opens the menu of a
// narrow screen. Every page loads this file; the names stand before it (finder.py).
var townshipFinder = (function () {
  "use strict";
  var SHOWN = 10;
  var burmese = document.documentElement.lang === "my";
  var words = FINDER_WORDS[burmese ? "my" : "en"];
  var comma = burmese ? "၊ " : ", ";

  // Without marks on Latin letters, blanks, signs and the word township; zero typed for wa is wa.
  function key(text) {
    return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").normalize("NFC").toLowerCase()
      .replace(/([\u1000-\u103f])\u1040/g, "$1\u101d").replace(/\u1040(?=[\u1000-\u103f])/g, "\u101d")
      .replace(/\s*(township|tsp|မြို့နယ်|မြို့)\s*$/, "").replace(/[^a-z0-9\u1000-\u109f]/g, "");
  }
  // Spellings of one sound: h beside a consonant, doubled letters, y and i, a final r.
  function loose(text) {
    return text.replace(/h/g, "").replace(/y/g, "i").replace(/(.)\1+/g, "$1").replace(/r$/, "");
  }
  var regions = TOWNSHIP_NAMES.regions.map(function (own) {
    return { code: own[2], en: own[0], my: own[1], key: key(own[0]), key_my: key(own[1]), region: true };
  });
  var townships = TOWNSHIP_NAMES.townships.map(function (own) {
    return { code: own[0], en: own[1], my: own[2], key: key(own[1]), key_my: key(own[2]), loose: loose(key(own[1])), state: regions[own[3]] };
  });
  function rank(own, asked, sounds) {
    var code = own.code.toLowerCase();
    return code === asked || own.key === asked || own.key_my === asked ? 0
      : own.key.indexOf(asked) === 0 || own.key_my.indexOf(asked) === 0 || code.indexOf(asked) === 0 ? 1
      : own.key.indexOf(asked) > 0 || own.key_my.indexOf(asked) > 0 || code.slice(3).indexOf(asked) === 0 ? 2
      : own.region ? 9
      : sounds.length > 2 && own.loose.indexOf(sounds) === 0 ? 3
      : (own.state.key_my.indexOf(asked) === 0 || own.state.key.indexOf(asked) === 0) && asked.length > 2 ? 4 : 9;
  }
  function search(text, withRegions) {
    var asked = key(text), sounds = loose(asked);
    if (!asked) { return []; }
    return (withRegions ? regions : []).concat(townships).map(function (own) { return [rank(own, asked, sounds), own]; })
      .filter(function (one) { return one[0] < 9 && !(one[1].region && one[0] > 1); })
      .sort(function (a, b) { return a[0] - b[0] || (a[1].en < b[1].en ? -1 : 1); })
      .map(function (one) { return one[1]; });
  }
  function named(own) { return burmese && own.my ? own.my : own.en; }
  function find(code) {
    return townships.concat(regions).filter(function (own) { return own.code.toLowerCase() === code.toLowerCase(); })[0];
  }
  function line(own) {
    var item = document.createElement("li"), other = document.createElement("span");
    item.textContent = own.en + " ";
    other.lang = "my";
    other.textContent = own.my;
    item.appendChild(other);
    if (!own.region) { item.appendChild(document.createTextNode(" " + own.code + comma + named(own.state))); }
    return item;
  }

  // A field that offers what is found in `list`, says how many in `said`, and hands over what is chosen.
  function box(field, list, said, take, withRegions) {
    var found = [], active = -1;
    var roles = {
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
      autocomplete: "off", autocapitalize: "off", spellcheck: "false", placeholder: words.field
    };
    Object.keys(roles).forEach(function (name) { field.setAttribute(name, roles[name]); });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", words.list);
    function filled(name, count) { return words[name].replace("{count}", String(count)); }
    function mark(place) {
      active = place;
      Array.prototype.forEach.call(list.children, function (item, position) {
        item.setAttribute("aria-selected", String(position === active));
        if (position === active) { item.scrollIntoView({ block: "nearest" }); }
      });
      if (active >= 0) { field.setAttribute("aria-activedescendant", list.id + "-" + active); }
      else { field.removeAttribute("aria-activedescendant"); }
    }
    function fold() {
      list.hidden = true;
      field.setAttribute("aria-expanded", "false");
      mark(-1);
    }
    function choose(place) {
      var own = found[place];
      if (!own) { return; }
      field.value = named(own);
      fold();
      said.textContent = "";
      take(own);
    }
    function offer() {
      var all = search(field.value, withRegions);
      found = all.slice(0, SHOWN);
      list.textContent = "";
      found.forEach(function (own, place) {
        var item = line(own);
        item.id = list.id + "-" + place;
        item.setAttribute("role", "option");
        item.addEventListener("click", function () { choose(place); });
        list.appendChild(item);
      });
      list.hidden = !found.length;
      field.setAttribute("aria-expanded", String(found.length > 0));
      mark(found.length ? 0 : -1);
      said.textContent = !key(field.value) ? "" : !all.length ? words.none
        : all.length > SHOWN ? filled("found", SHOWN) + comma + filled("more", all.length - SHOWN) : filled("found", all.length);
    }
    field.addEventListener("input", offer);
    field.addEventListener("keydown", function (event) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) { offer(); }
        else if (found.length) { mark((active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length); }
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (!list.hidden) { choose(active); }
      } else if (event.key === "Escape") {
        event.preventDefault();
        if (list.hidden) { field.value = ""; }
        fold();
        said.textContent = "";
      }
    });
    list.addEventListener("pointerdown", function (event) { event.preventDefault(); });
    field.addEventListener("blur", fold);
  }

  var finder = document.getElementById("finder"), field = document.getElementById("find");
  var menu = document.getElementById("menu"), button = document.getElementById("menu-button");
  if (finder) {
    document.documentElement.classList.add("js");
    finder.hidden = false;
    box(field, document.getElementById("found"), document.getElementById("found-said"), function (own) {
      location.href = finder.getAttribute("data-root") + (own.region ? "regions/" : "townships/") + own.code + ".html";
    }, true);
    button.addEventListener("click", function () {
      button.setAttribute("aria-expanded", String(menu.classList.toggle("open")));
    });
  }
  return { box: box, find: find, named: named };
})();
