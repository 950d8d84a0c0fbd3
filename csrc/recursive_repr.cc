// SPDX-License-Identifier: Apache-2.0
//
// `ffi.ReprPrint`: a value as text, in the manner of Python.
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "big_int_type.h"
#include "internal.h"
#include "recursive.h"

namespace tvm::ffi::library {
namespace {

// ---- Values that hold no others ----------------------------------------------------------------

const char* device_name(DLDeviceType type) {
  switch (type) {
    case kDLCPU:
      return "cpu";
    case kDLCUDA:
      return "cuda";
    case kDLCUDAHost:
      return "cuda_host";
    case kDLOpenCL:
      return "opencl";
    case kDLVulkan:
      return "vulkan";
    case kDLMetal:
      return "metal";
    case kDLVPI:
      return "vpi";
    case kDLROCM:
      return "rocm";
    case kDLROCMHost:
      return "rocm_host";
    case kDLExtDev:
      return "ext_dev";
    case kDLCUDAManaged:
      return "cuda_managed";
    case kDLOneAPI:
      return "oneapi";
    case kDLWebGPU:
      return "webgpu";
    case kDLHexagon:
      return "hexagon";
    case kDLMAIA:
      return "maia";
    case kDLTrn:
      return "trn";
  }
  return "unknown";
}

std::string device_text(DLDevice device) {
  return std::string(device_name(device.device_type)) + ":" + std::to_string(device.device_id);
}

std::string float_text(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", value);
  return text;
}

std::string bytes_text(const Bytes& bytes) {
  std::string text = "b\"";
  for (size_t i = 0; i < bytes.size(); ++i) {
    const unsigned char byte = static_cast<unsigned char>(bytes.data()[i]);
    if (byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\') {
      char escaped[5];
      std::snprintf(escaped, sizeof(escaped), "\\x%02x", byte);
      text += escaped;
    } else {
      text += static_cast<char>(byte);
    }
  }
  return text + "\"";
}

std::string extents_text(const int64_t* extents, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    if (i != 0) text += ", ";
    text += std::to_string(extents[i]);
  }
  return text;
}

std::string tensor_text(const TensorObj* tensor) {
  return std::string(DLDataTypeToString(tensor->dtype)) + "[" +
         extents_text(tensor->shape, static_cast<size_t>(tensor->ndim)) + "]@" +
         device_text(tensor->device);
}

// Empty for objects that are more than their content.
std::optional<std::string> leaf_text(const Any& value) {
  switch (value.type_index()) {
    case kTVMFFINone:
      return "None";
    case kTVMFFIBool:
      return value.cast<bool>() ? "True" : "False";
    case kTVMFFIInt:
      return std::to_string(value.cast<int64_t>());
    case kTVMFFIFloat:
      return float_text(value.cast<double>());
    case kTVMFFIDataType:
      return std::string(DLDataTypeToString(value.cast<DLDataType>()));
    case kTVMFFIDevice:
      return device_text(value.cast<DLDevice>());
    case kTVMFFISmallStr:
    case kTVMFFIStr:
      return std::string(EscapedStringPy(value.cast<String>()));
    case kTVMFFISmallBytes:
    case kTVMFFIBytes:
      return bytes_text(value.cast<Bytes>());
    case kTVMFFIBigInt:
      return decimal_text(value);
    case kTVMFFIShape: {
      const ShapeObj* shape = value.as<ShapeObj>();
      return "Shape(" + extents_text(shape->data, shape->size) + ")";
    }
    default:
      if (is_object(value)) return std::nullopt;
      return value.GetTypeKey();
  }
}

// ---- Objects -----------------------------------------------------------------------------------

class Printer : public std::enable_shared_from_this<Printer> {
 public:
  explicit Printer(bool with_addresses) : with_addresses_(with_addresses) {}

  std::string print(Any root) {
    Run run(this);
    run.tasks.push_back({std::move(root), {}, Task::kPrint});
    while (!run.tasks.empty()) {
      Task task = std::move(run.tasks.back());
      run.tasks.pop_back();
      run.text += task.text;
      if (task.kind == Task::kPrint) {
        print_value(task.value, &run);
      } else if (task.kind == Task::kLeave) {
        open_.erase(task.value.as<Object>());
      }
    }
    return std::move(run.text);
  }

 private:
  // What is still to be written: the text, then the value, if there is one.
  struct Task {
    Any value;
    std::string text;
    enum Kind { kText, kPrint, kLeave } kind = kText;
  };

  // One call of print: that of the whole, or that of a hook for a part.
  struct Run {
    explicit Run(Printer* printer) : printer(printer) {}
    // After an error, forgets the objects it was in.
    ~Run() {
      for (const Task& task : tasks) {
        if (task.kind == Task::kLeave) printer->open_.erase(task.value.as<Object>());
      }
    }

    // Puts the parts of an object in line, in order.
    void take_up(std::vector<Task> parts) {
      tasks.insert(tasks.end(), std::make_move_iterator(parts.rbegin()),
                   std::make_move_iterator(parts.rend()));
    }

    Printer* printer;
    std::string text;
    std::vector<Task> tasks;  // the next one last
  };

  void print_value(const Any& value, Run* run) {
    if (std::optional<std::string> text = leaf_text(value)) {
      run->text += *text;
      return;
    }
    const Object* object = value.as<Object>();
    if (!open_.insert(object).second) {
      run->text += "..." + address(object);
      return;
    }
    check_nesting("ObjectGraphDFS", open_.size());
    run->tasks.push_back({value, {}, Task::kLeave});
    print_object(object, value, run);
  }

  void print_object(const Object* object, const Any& value, Run* run) {
    if (auto hook = type_attr_of<type_attr::kRepr>(value.type_index())) {
      run->text += (*hook)(object, part_printer());
    } else if (const SeqBaseObj* sequence = as_sequence(value)) {
      run->take_up(sequence_parts(sequence));
    } else if (const MapBaseObj* map = as_map(value)) {
      run->take_up(map_parts(map));
    } else if (const TensorObj* tensor = value.as<TensorObj>()) {
      run->text += tensor_text(tensor) + address(object);
    } else if (const EnumObj* member = value.as<EnumObj>()) {
      run->text += member->GetTypeKey() + "." + std::string(member->_str_index) + address(object);
    } else if (detail::ObjectUnsafe::GetHeader(object) == missing_object()) {
      run->text += "<MISSING>";
    } else if (detail::ObjectUnsafe::GetHeader(object) == kwargs_object()) {
      run->text += "<KWARGS>";
    } else {
      run->text += object->GetTypeKey() + address(object);
      run->take_up(field_parts(object));
    }
  }

  std::vector<Task> sequence_parts(const SeqBaseObj* sequence) const {
    const bool is_list = sequence->type_index() == kTVMFFIList;
    std::vector<Task> parts = {{nullptr, is_list ? "[" : "("}};
    for (const Any& item : *sequence) {
      parts.push_back({item, parts.size() == 1 ? "" : ", ", Task::kPrint});
    }
    const char* close = is_list ? "]" : sequence->size() == 1 ? ",)" : ")";
    parts.push_back({nullptr, close + address(sequence)});
    return parts;
  }

  std::vector<Task> map_parts(const MapBaseObj* map) const {
    std::vector<Task> parts = {{nullptr, "{"}};
    for (const auto& [key, value] : *map) {
      parts.push_back({key, parts.size() == 1 ? "" : ", ", Task::kPrint});
      parts.push_back({value, ": ", Task::kPrint});
    }
    parts.push_back({nullptr, "}" + address(map)});
    return parts;
  }

  static std::vector<Task> field_parts(const Object* object) {
    std::vector<Task> parts;
    reflection::ForEachFieldInfo(
        TVMFFIGetTypeInfo(object->type_index()), [&](const TVMFFIFieldInfo* field) {
          if (field->flags & kTVMFFIFieldFlagBitMaskReprOff) return;
          std::string start = parts.empty() ? "(" : ", ";
          start.append(view(field->name)).append("=");
          parts.push_back({reflection::FieldGetter(field)(object), start, Task::kPrint});
        });
    if (!parts.empty()) parts.push_back({nullptr, ")"});
    return parts;
  }

  // For hooks. It may be kept, so it keeps this printer.
  TypedFunction<String(AnyView)> part_printer() {
    return [self = shared_from_this()](AnyView part) { return String(self->print(Any(part))); };
  }

  std::string address(const Object* object) const {
    if (!with_addresses_) return {};
    char text[32];
    std::snprintf(text, sizeof(text), "@%p",
                  static_cast<const void*>(detail::ObjectUnsafe::GetHeader(object)));
    return text;
  }

  bool with_addresses_;
  std::unordered_set<const Object*> open_;  // being printed
};

String repr_print(const Any& value) {
  const char* setting = std::getenv("TVM_FFI_REPR_WITH_ADDR");
  const bool with_addresses = setting != nullptr && std::string_view(setting) == "1";
  return std::make_shared<Printer>(with_addresses)->print(value);
}

TVM_FFI_STATIC_INIT_BLOCK() { reflection::GlobalDef().def("ffi.ReprPrint", repr_print); }

}  // namespace
}  // namespace tvm::ffi::library
