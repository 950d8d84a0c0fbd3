// SPDX-License-Identifier: Apache-2.0
//
// Classes of every structural kind, and values too deep to be handled recursively.
#ifndef TVM_FFI_TESTS_CPP_EXTRA_STRUCTURAL_OBJECTS_H_
#define TVM_FFI_TESTS_CPP_EXTRA_STRUCTURAL_OBJECTS_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/reflection/registry.h>

#include <initializer_list>
#include <utility>
#include <vector>

namespace structural {

using tvm::ffi::Any;
using tvm::ffi::Object;
using tvm::ffi::ObjectRef;

// An object with two parts, and a reference to it. `live` counts the objects.
#define STRUCTURAL_TEST_CLASS(Name, Kind)                                                 \
  class Name##Obj : public Object {                                                       \
   public:                                                                                \
    Any a;                                                                                \
    Any b;                                                                                \
    Name##Obj() { ++live; }                                                               \
    Name##Obj(Any a, Any b) : a(std::move(a)), b(std::move(b)) { ++live; }                \
    Name##Obj(const Name##Obj& other) : Object(other), a(other.a), b(other.b) { ++live; } \
    ~Name##Obj() { --live; }                                                              \
    static inline int live = 0;                                                           \
    static constexpr bool _type_mutable = true;                                           \
    static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = Kind;                       \
    TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural." #Name, Name##Obj, Object);       \
  };                                                                                      \
  class Name : public ObjectRef {                                                         \
   public:                                                                                \
    explicit Name(Any a, Any b = nullptr)                                                 \
        : ObjectRef(tvm::ffi::ObjectPtr<Object>(                                          \
              tvm::ffi::make_object<Name##Obj>(std::move(a), std::move(b)))) {}           \
    TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Name, ObjectRef, Name##Obj);            \
  }

STRUCTURAL_TEST_CLASS(Tree, kTVMFFISEqHashKindTreeNode);
STRUCTURAL_TEST_CLASS(Var, kTVMFFISEqHashKindFreeVar);
STRUCTURAL_TEST_CLASS(Dag, kTVMFFISEqHashKindDAGNode);
STRUCTURAL_TEST_CLASS(Const, kTVMFFISEqHashKindConstTreeNode);
STRUCTURAL_TEST_CLASS(Uniq, kTVMFFISEqHashKindUniqueInstance);
STRUCTURAL_TEST_CLASS(Func, kTVMFFISEqHashKindTreeNode);  // `a` is a pattern of definitions
STRUCTURAL_TEST_CLASS(Lam, kTVMFFISEqHashKindTreeNode);   // `a` is a simple definition
STRUCTURAL_TEST_CLASS(Note, kTVMFFISEqHashKindTreeNode);  // `b` is ignored
STRUCTURAL_TEST_CLASS(None, kTVMFFISEqHashKindUnsupported);
#undef STRUCTURAL_TEST_CLASS

template <typename Obj, typename... Extra>
bool define(const char* a, const char* b, Extra... extra_of_a) {
  tvm::ffi::reflection::ObjectDef<Obj>().def_rw(a, &Obj::a, extra_of_a...).def_rw(b, &Obj::b);
  return true;
}

inline const bool defined = [] {
  using tvm::ffi::reflection::AttachFieldFlag;
  define<TreeObj>("a", "b");
  define<VarObj>("a", "b");
  define<DagObj>("a", "b");
  define<ConstObj>("a", "b");
  define<UniqObj>("a", "b");
  define<FuncObj>("a", "b", AttachFieldFlag::SEqHashDefPattern());
  define<LamObj>("a", "b", AttachFieldFlag::SEqHashDefSimple());
  define<NoneObj>("a", "b");
  tvm::ffi::reflection::ObjectDef<NoteObj>()
      .def_rw("a", &NoteObj::a)
      .def_rw("b", &NoteObj::b, AttachFieldFlag::SEqHashIgnore());
  return true;
}();

template <typename... Items>
tvm::ffi::Array<Any> array(Items... items) {
  return tvm::ffi::Array<Any>{Any(items)...};
}
template <typename... Items>
tvm::ffi::List<Any> list(Items... items) {
  return tvm::ffi::List<Any>{Any(items)...};
}

// A value within a value and so on. Lets go of it from the outside in, because destructors recurse.
class Chain {
 public:
  template <typename Wrap>
  Chain(int depth, Any innermost, Wrap wrap) {
    links_.push_back(std::move(innermost));
    for (int i = 0; i < depth; ++i) links_.push_back(wrap(links_.back()));
  }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;
  ~Chain() {
    while (!links_.empty()) links_.pop_back();
  }
  const Any& value() const { return links_.back(); }

 private:
  std::vector<Any> links_;
};

}  // namespace structural
#endif  // TVM_FFI_TESTS_CPP_EXTRA_STRUCTURAL_OBJECTS_H_
