"use strict";
// What part of the map's sheet is seen: buttons, keys, wheel, fingers, and the view in the address. What the map shows
// stands in map.js, which calls this. The watermark lies outside of the sheet and is never enlarged away.
//
// `clear()` gives the part of the window that nothing covers (top and bottom), `moved()` is called after
// each move, while what is seen may still be on its way.
function mapZoom(map, clear, moved) {
  var MOST = 12, STEP = 1.6, TIME = 220;
  var box = map.viewBox.baseVal;
  var sheet = document.getElementById("map-sheet");
  var middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  var WHOLE = { z: 1, x: middle.x, y: middle.y };
  var view = WHOLE, drawn = WHOLE;  // x and y: the point of the sheet in the middle of the map
  var running = 0, grip = null, dragged = false;
  var still = window.matchMedia("(prefers-reduced-motion: reduce)");
  var patterns = Array.prototype.map.call(map.querySelectorAll("pattern"), function (pattern) {
    var own = document.querySelector(pattern.getAttribute("href")).getAttribute("patternTransform") || "";
    return function (z) { pattern.setAttribute("patternTransform", own + " scale(" + 1 / z + ")"); };
  });

  function between(value, least, most) { return Math.min(Math.max(value, least), most); }
  // The view nearest to the one asked for that shows nothing beyond the sheet.
  function held(z, x, y) {
    z = between(z, 1, MOST);
    var wide = box.width / z / 2, high = box.height / z / 2;
    return {
      z: z,
      x: between(x, box.x + wide, box.x + box.width - wide),
      y: between(y, box.y + high, box.y + box.height - high)
    };
  }
  // The view of size z in which a point of the sheet lies at a point of the map; both in units of the sheet.
  function placed(z, point, at) {
    z = between(z, 1, MOST);
    return held(z, point.x - (at.x - middle.x) / z, point.y - (at.y - middle.y) / z);
  }
  function draw(now) {
    drawn = now;
    var left = middle.x - now.x * now.z, top = middle.y - now.y * now.z;
    sheet.setAttribute("transform", "translate(" + left.toFixed(2) + " " + top.toFixed(2) + ") scale(" + now.z.toFixed(4) + ")");
    sheet.style.setProperty("--z", now.z.toFixed(4));
    patterns.forEach(function (fit) { fit(now.z); });
  }
  // The view is at its end at once, for whoever measures it; what is seen then moves there.
  function show(next, smooth) {
    var from = drawn;
    cancelAnimationFrame(running);
    view = next;
    map.toggleAttribute("data-near", view.z > 1);
    draw(view);
    moved();
    if (!smooth || still.matches) { return; }
    var begun = performance.now();
    function step(time) {
      var part = between((time - begun) / TIME, 0, 1), z = from.z * Math.pow(view.z / from.z, part);
      // What is enlarged at an even pace moves at the pace of what is seen of it.
      var way = view.z === from.z ? part : (1 / z - 1 / from.z) / (1 / view.z - 1 / from.z);
      draw(part < 1 ? { z: z, x: from.x + (view.x - from.x) * way, y: from.y + (view.y - from.y) * way } : view);
      if (part < 1) { running = requestAnimationFrame(step); }
    }
    running = requestAnimationFrame(step);
  }

  // ---- from the window to the sheet --------------------------------------------------------------------------
  function unit() { return box.width / map.getBoundingClientRect().width; }
  function at(x, y) {
    var frame = map.getBoundingClientRect();
    return { x: box.x + (x - frame.left) * unit(), y: box.y + (y - frame.top) * unit() };
  }
  function under(point) {
    return { x: view.x + (point.x - middle.x) / view.z, y: view.y + (point.y - middle.y) / view.z };
  }
  // The part of the map that the window shows; all of it where that is too little to look at.
  function seen() {
    var frame = map.getBoundingClientRect(), free = clear();
    var top = Math.max(frame.top, free.top), bottom = Math.min(frame.bottom, free.bottom);
    if (bottom - top < 160) { top = frame.top; bottom = frame.bottom; }
    return { x: middle.x, y: (at(0, top).y + at(0, bottom).y) / 2, high: (bottom - top) * unit() };
  }
  function by(factor, point) {
    var to = point || seen();
    show(placed(view.z * factor, under(to), to), !point);
  }
  // All boxes of the sheet with a margin, no larger than `most`.
  function fit(boxes, most) {
    var left = Infinity, right = -Infinity, top = Infinity, bottom = -Infinity, part = seen();
    boxes.forEach(function (one) {
      left = Math.min(left, one.x); right = Math.max(right, one.x + one.width);
      top = Math.min(top, one.y); bottom = Math.max(bottom, one.y + one.height);
    });
    var z = Math.min(most, 0.9 * box.width / (right - left), 0.9 * part.high / (bottom - top));
    show(placed(z, { x: (left + right) / 2, y: (top + bottom) / 2 }, part), true);
  }
  function centre(one) { return { x: one.x + one.width / 2, y: one.y + one.height / 2 }; }
  // Whether the map shows the middle of a box of the sheet.
  function shows(one) {
    var point = centre(one), wide = box.width / view.z / 2, high = box.height / view.z / 2;
    return Math.abs(point.x - view.x) <= wide * 0.94 && Math.abs(point.y - view.y) <= high * 0.94;
  }
  // Moves the map, not enlarging it, so that a box of the sheet is seen.
  function reach(one) { if (!shows(one)) { show(placed(view.z, centre(one), seen()), false); } }

  // ---- mouse and wheel ---------------------------------------------------------------------------------------
  // The wheel alone scrolls the page. A pinch on a touchpad comes as a wheel with Ctrl.
  map.addEventListener("wheel", function (event) {
    if (!event.ctrlKey && !event.metaKey) { return; }
    event.preventDefault();
    var pixels = event.deltaY * (event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1);
    by(Math.exp(-between(pixels, -120, 120) / 220), at(event.clientX, event.clientY));
  }, { passive: false });
  map.addEventListener("dragstart", function (event) { event.preventDefault(); });
  map.addEventListener("pointerdown", function (event) {
    dragged = false;
    if (event.pointerType === "mouse" && event.button === 0 && view.z > 1) { grip = { x: event.clientX, y: event.clientY }; }
  });
  map.addEventListener("pointermove", function (event) {
    if (!grip || event.pointerType !== "mouse") { return; }
    if (!(event.buttons & 1)) { grip = null; return; }
    if (!dragged && Math.hypot(event.clientX - grip.x, event.clientY - grip.y) < 5) { return; }
    if (!dragged) { dragged = true; map.setPointerCapture(event.pointerId); map.setAttribute("data-held", ""); }
    pull(event.clientX, event.clientY);
  });
  ["pointerup", "pointercancel"].forEach(function (name) {
    map.addEventListener(name, function (event) {
      if (event.pointerType === "mouse") { grip = null; map.removeAttribute("data-held"); }
    });
  });
  // The end of a drag over a township is no click on it.
  map.addEventListener("click", function (event) {
    if (dragged) { dragged = false; event.preventDefault(); event.stopPropagation(); }
  }, true);
  // Moves what is held; gives back by how many pixels it could not follow upwards or downwards.
  function pull(x, y) {
    var before = view, part = unit() / view.z;
    var next = held(view.z, view.x - (x - grip.x) * part, view.y - (y - grip.y) * part);
    var left = (y - grip.y) + (next.y - before.y) / part;
    grip.x = x; grip.y = y;
    show(next, false);
    return left;
  }

  // ---- fingers -----------------------------------------------------------------------------------------------
  // One finger scrolls the page, and moves the map once it is enlarged, and the page again at its edge. Two enlarge.
  function pair(touches) {
    var a = touches[0], b = touches[1];
    return { x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2,
      apart: Math.max(Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), 10) };
  }
  function grasp(touches) {
    if (touches.length === 2) {
      grip = pair(touches);
      grip.z = view.z;
      grip.point = under(at(grip.x, grip.y));
    } else {
      grip = touches.length === 1 && view.z > 1 ? { x: touches[0].clientX, y: touches[0].clientY, far: false } : null;
    }
  }
  map.addEventListener("touchstart", function (event) {
    if (event.touches.length === 2) { event.preventDefault(); }
    grasp(event.touches);
  }, { passive: false });
  map.addEventListener("touchmove", function (event) {
    if (grip && event.touches.length === 2 && grip.point) {
      if (event.cancelable) { event.preventDefault(); }
      var now = pair(event.touches);
      show(placed(grip.z * now.apart / grip.apart, grip.point, at(now.x, now.y)), false);
    } else if (grip && event.touches.length === 1 && !grip.point && view.z > 1) {
      var touch = event.touches[0];
      if (!grip.far && Math.hypot(touch.clientX - grip.x, touch.clientY - grip.y) < 8) { return; }
      if (event.cancelable) { event.preventDefault(); }
      grip.far = true;
      var left = pull(touch.clientX, touch.clientY);
      if (Math.abs(left) >= 1) { window.scrollBy(0, -left); }
    }
  }, { passive: false });
  ["touchend", "touchcancel"].forEach(function (name) {
    map.addEventListener(name, function (event) { grasp(event.touches); });
  });

  return {
    by: by, fit: fit, reach: reach, shows: shows,
    whole: function () { show(WHOLE, true); },
    size: function () { return view.z; },
    part: function () {
      if (drawn !== view) { return null; }  // on its way
      var wide = box.width / view.z / 2, high = box.height / view.z / 2;
      return { size: view.z, left: view.x - wide, right: view.x + wide, top: view.y - high, bottom: view.y + high };
    },
    most: MOST, step: STEP,
    holds: function () { return dragged && grip !== null; },
    // For the address: how many times, and the point of the sheet in the middle; the same on every screen.
    text: function () { return view.z === 1 ? "1" : [view.z.toFixed(2), view.x.toFixed(0), view.y.toFixed(0)].join(","); },
    read: function (text) {
      var found = /^(\d{1,2}(?:\.\d{1,4})?)(?:,(\d{1,4}),(\d{1,4}))?$/.exec(text || "");
      if (!found) { return false; }
      show(found[2] ? held(Number(found[1]), Number(found[2]), Number(found[3])) : WHOLE, false);
      return true;
    }
  };
}
