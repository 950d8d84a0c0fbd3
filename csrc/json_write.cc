// SPDX-License-Identifier: Apache-2.0
//
// Values to JSON text. No recursion: the containers being written wait on a stack of our own.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <charconv>
#include <cmath>
#include <string>
#include <unordered_set>
#include <vector>

#include "number_text.h"

namespace tvm::ffi::library {
namespace {

class JsonWriter {
 public:
  explicit JsonWriter(const Optional<int>& indent)
      : indent_(indent.has_value() ? indent.value() : -1) {}

  String Write(const Any& value) {
    WriteValue(value);
    while (!open_.empty()) WriteNext();
    return String(std::move(out_));
  }

 private:
  // A container being written; `object` keeps it alive while its elements are visited.
  struct Open {
    const SeqBaseObj* seq;  // NULL for a Map
    const MapObj* map;
    int64_t next;
    MapObj::iterator entry;
    bool first;
  };

  // Writes a scalar, or opens a container whose elements follow later.
  void WriteValue(const Any& value) {
    switch (value.type_index()) {
      case TypeIndex::kTVMFFINone:
        out_ += "null";
        return;
      case TypeIndex::kTVMFFIBool:
        out_ += detail::AnyUnsafe::TVMFFIAnyPtrFromAny(value)->v_int64 ? "true" : "false";
        return;
      case TypeIndex::kTVMFFIInt:
        WriteInt(detail::AnyUnsafe::TVMFFIAnyPtrFromAny(value)->v_int64);
        return;
      case TypeIndex::kTVMFFIFloat:
        WriteFloat(detail::AnyUnsafe::TVMFFIAnyPtrFromAny(value)->v_float64);
        return;
      case TypeIndex::kTVMFFISmallStr:
      case TypeIndex::kTVMFFIStr:
        WriteString(value);
        return;
      case TypeIndex::kTVMFFIArray:
        OpenSeq(detail::AnyUnsafe::RawObjectPtrFromAnyAfterCheck<ArrayObj>(value));
        return;
      case TypeIndex::kTVMFFIList:
        OpenList(detail::AnyUnsafe::RawObjectPtrFromAnyAfterCheck<ListObj>(value));
        return;
      case TypeIndex::kTVMFFIMap:
        OpenMap(detail::AnyUnsafe::RawObjectPtrFromAnyAfterCheck<MapObj>(value));
        return;
      default:
        TVM_FFI_THROW(ValueError) << "Unsupported type: `" << value.GetTypeKey() << "`";
    }
  }

  void WriteInt(int64_t value) {
    char text[24];
    out_.append(text, std::to_chars(text, text + sizeof(text), value).ptr);
  }

  void WriteFloat(double value) {
    if (std::isnan(value)) {
      out_ += "NaN";
    } else if (std::isinf(value)) {
      out_ += value < 0 ? "-Infinity" : "Infinity";
    } else {
      bool integral = std::fabs(value) < 9007199254740992.0 && value == std::trunc(value);
      char text[40];  // longer than any result
      out_.append(text, format_double(text, sizeof(text), integral ? "%.1f" : "%.17g", value));
    }
  }

  void WriteString(const Any& value) {
    const TVMFFIAny* raw = detail::AnyUnsafe::TVMFFIAnyPtrFromAny(value);
    TVMFFIByteArray text = raw->type_index == TypeIndex::kTVMFFISmallStr
                               ? TVMFFISmallBytesGetContentByteArray(raw)
                               : *TVMFFIBytesGetByteArrayPtr(raw->v_obj);
    out_ += '"';
    const char* run = text.data;
    const char* end = text.data + text.size;
    for (const char* p = run; p != end; ++p) {
      unsigned char c = static_cast<unsigned char>(*p);
      if (c >= 0x20 && c != '"' && c != '\\' && c != '/' && c != 0x7F) continue;
      out_.append(run, p);
      WriteEscape(c);
      run = p + 1;
    }
    out_.append(run, end);
    out_ += '"';
  }

  void WriteEscape(unsigned char c) {
    constexpr std::string_view kNamed = "\"\\/\b\f\n\r\t";
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr const char* kHex = "0123456789abcdef";
    size_t which = kNamed.find(static_cast<char>(c));
    out_ += '\\';
    if (which != std::string_view::npos) {
      out_ += kLetters[which];
    } else {
      out_ += "u00";
      out_ += kHex[c >> 4];
      out_ += kHex[c & 15];
    }
  }

  void OpenSeq(const SeqBaseObj* seq) {
    out_ += '[';
    open_.push_back(Open{seq, nullptr, 0, MapObj::iterator(), true});
  }

  // Only a List can come to contain itself.
  void OpenList(const ListObj* list) {
    if (!lists_.insert(list).second) {
      TVM_FFI_THROW(ValueError) << "Cycle detected: List contains itself";
    }
    OpenSeq(list);
  }

  void OpenMap(const MapObj* map) {
    out_ += '{';
    open_.push_back(Open{nullptr, map, 0, map->begin(), true});
  }

  // Writes the next element of the innermost container, or closes it.
  void WriteNext() {
    Open& top = open_.back();
    bool done =
        top.seq ? top.next >= static_cast<int64_t>(top.seq->size()) : top.entry == top.map->end();
    if (done) {
      NewLine(open_.size() - 1);
      out_ += top.seq ? ']' : '}';
      if (top.seq) lists_.erase(top.seq);
      open_.pop_back();
      return;
    }
    if (!top.first) out_ += ',';
    top.first = false;
    NewLine(open_.size());
    if (top.seq) {
      const Any& element = top.seq->begin()[top.next++];
      WriteValue(element);  // may grow open_, so `top` ends here
    } else {
      const Any& key = top.entry->first;
      const Any& element = top.entry->second;
      ++top.entry;
      WriteKey(key);
      WriteValue(element);
    }
  }

  void WriteKey(const Any& key) {
    if (key.type_index() != TypeIndex::kTVMFFISmallStr &&
        key.type_index() != TypeIndex::kTVMFFIStr) {
      TVM_FFI_THROW(ValueError) << "Expect key to be string, got `" << key.GetTypeKey() << "`";
    }
    WriteString(key);
    out_ += indent_ < 0 ? ":" : ": ";
  }

  void NewLine(size_t depth) {
    if (indent_ < 0) return;
    out_ += '\n';
    out_.append(depth * static_cast<size_t>(indent_), ' ');
  }

  int indent_;  // negative: all on one line
  std::string out_;
  std::vector<Open> open_;
  std::unordered_set<const Object*> lists_;  // open ones
};

String StringifyJson(const Any& value, const Optional<int>& indent) {
  return JsonWriter(indent).Write(value);
}

TVM_FFI_STATIC_INIT_BLOCK() { reflection::GlobalDef().def("ffi.json.Stringify", StringifyJson); }

}  // namespace
}  // namespace tvm::ffi::library
